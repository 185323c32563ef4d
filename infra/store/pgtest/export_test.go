package pgtest

// Dir is the server's folder.
func (s *Server) Dir() string { return s.dir }
