// Nothing is declared here: the functions are found by the names of those that they stand in for.
