"""From bytes to events: sources, lines of bounded length, and one reader per format of a line.

sources.py   a file, standard input, a file that grows, a UDP or TCP port
lines.py     bytes to lines; what is too long is cut, and counted
formats.py   which reader a line is for; access_log.py zeek.py syslog.py tables.py
fields.py    the names that tables and JSON use for the same thing
clock.py     times that are believed, and times that are not
"""
