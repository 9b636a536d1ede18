"""The report as one page: templates, formats, pictures, charts."""
