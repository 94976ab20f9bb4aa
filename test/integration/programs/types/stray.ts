/** Leaves rejections behind that nothing awaits. */
export class Stray {
  reject(): void {
    void Promise.reject(new Error('left behind'));
  }

  alive(): boolean {
    return true;
  }
}
