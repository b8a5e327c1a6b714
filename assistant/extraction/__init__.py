"""The extractive answerer: which stored sentences answer, and what is quoted with them."""
