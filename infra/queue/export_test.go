package queue

// Listening says whether publications are heard.
func (q *Queue) Listening() bool { return q.listening.Load() }
