// A module whose default export is a class: it is registered like the others, under its own name.
export default class Greeter {
  greet(name: string): string {
    return `hi ${name}`;
  }
}
