"""geoplan: who cannot reach a public service, why, and where the next sites should go."""

__version__ = "0.1.0"
