"""The service: plans over HTTP, solved by durable jobs on one machine or many.

::

    commands     serve, keys, db: what `podplanner` starts as a process of its own (``python -m api``)
    worker       the same for its workers (``python -m api.worker``)
      │
      ├── http   requests in, answers out; reads and writes rows, and never solves
      │            app, problems (one error body), auth, submission, plans, results, service, watch (streams)
      ├── jobs   queue (the one module that knows dbos), worker (beats and reaps), attempt (supervises one solve),
      │            nursery and child (the processes that solve), work (what they do, file in, files out), clerk
      ├── webhooks   messages to other services: guard (where they may go), signing, courier
      │
     data        rows of SQLite or PostgreSQL: workspaces, keys, inputs, plans, events, artefacts, audit

The plan's row is the truth. A change of it and its event are one transaction, as are a new attempt and its place in the
queue. Each attempt has a number, and a worker writes only while that number is the row's: one that was believed dead,
and is not, can do no harm. Workers beat; who stays silent loses its attempts to the others.

A solve runs in a child process between two folders: it knows no database, and dies with its worker. Its best plan so
far is kept, so that the next attempt starts from it.
"""
