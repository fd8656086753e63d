"""Requests in, answers out: translate, authorise, enqueue, answer."""
