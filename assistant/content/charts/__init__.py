"""Charts of `domain.charts`: as SVG, by a template for each kind (`drawing`), and that as PNG (`pixels`)."""
