"""Messages to other services: signed, sent to public addresses only, tried again until they are taken."""
