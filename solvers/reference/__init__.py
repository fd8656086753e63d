"""The whole model as one readable PuLP model: the specification that every other engine is checked against."""
