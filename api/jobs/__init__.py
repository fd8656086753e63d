"""Durable jobs: a queue, workers that beat, attempts with a fence, and a child process for each solve."""
