"""Read-only tables with their sources: input-output, trade, production, parameters."""
