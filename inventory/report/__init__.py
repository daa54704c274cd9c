"""Reports as workbooks, CSV and JSON: one description, three kinds of file, the same numbers in each."""
