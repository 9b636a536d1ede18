"""What happens inside: numbers and pictures for people who learn how style transfer works."""
