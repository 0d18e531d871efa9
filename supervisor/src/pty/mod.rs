//! PTYs and the children in them.
