export interface Basket {
  owner: string;
  fruit: string[];
  prices: Map<string, number>;
}

export default async function addFruit(basket: Basket, name: string): Promise<Basket> {
  basket.fruit.push(name);
  basket.prices.set(name, 1);
  return basket;
}
