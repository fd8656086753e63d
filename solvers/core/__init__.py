"""The core problem: accounts to pods with one capacity, solved with a proven bound."""
