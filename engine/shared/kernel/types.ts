/** What AssemblyScript calls a number; its compiler knows these by itself. */
export type i32 = number;
export type f64 = number;
