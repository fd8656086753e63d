"""One file a version, in order of their numbers; a version that was released is never changed."""
