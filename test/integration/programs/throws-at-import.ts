throw new TypeError('no good morning');

export default function never(): void {}
