"""Programme records answered as complete lists: dates, filters, rows, and the list itself."""
