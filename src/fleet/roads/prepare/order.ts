/**
 * The order in which junctions are contracted, from the map alone, so that it holds for any speeds. Dead ends and chains
 * go first; what is left is cut in two again and again where few roads cross, and the cuts come last.
 */
import type { Adjacency } from './adjacency.ts';
import { Chains } from './chains.ts';
import { Dissection } from './dissection.ts';

/**
 * Answers the nodes in order of contraction.
 * @param x metres east of anywhere, by node
 * @param y metres north
 */
export function contractionOrder({ first, head }: Adjacency, x: Float32Array, y: Float32Array): Uint32Array {
  const count = first.length - 1;
  const order = new Uint32Array(count);
  const chains = new Chains(first, head);
  const easy = chains.contract(order);
  const left = chains.left();
  new Dissection(chains.adjacency(left), left, x, y).into(order.subarray(easy));
  return order;
}
