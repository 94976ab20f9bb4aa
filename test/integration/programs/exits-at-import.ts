process.exit(7);

export default function never(): void {}
