"""The words every other room uses: sources, figures, errors, codes, draws."""
