"""Numbers that judge a result: content kept, style reached, grain, borders. Never an objective."""
