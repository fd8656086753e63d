"""A result as tables, workbook and charts."""
