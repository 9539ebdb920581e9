"""From coverage to dependence figures and to the Shock an engine sees."""
