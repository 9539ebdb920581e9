"""Responses: a changed World or Shock with a cost, valued on the same draws."""
