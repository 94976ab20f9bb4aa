/** Types of numbers that AssemblyScript has built in. */
export type i32 = number;
export type f64 = number;
