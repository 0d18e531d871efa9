pub fn survival() {}
