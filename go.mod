module github.com/ltsvpipe/ltsvpipe

go 1.26
