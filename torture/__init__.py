"""Tools that try to break ecglens; see docs/reliability.md. ``python -m torture --help``"""
