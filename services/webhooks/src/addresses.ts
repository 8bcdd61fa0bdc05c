import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** Which addresses may be called: public ones, and those of networks that an operator allows. */
export class AllowedAddresses {
  readonly #networks: readonly Network[];

  /** @param networks in CIDR notation; an address alone is a network of one */
  constructor(networks: readonly string[] = []) {
    this.#networks = networks.map(parseNetwork);
  }

  /** By what is resolved, never by name: a name can lead anywhere at the next look. */
  allow(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    // An IPv4 address in IPv6 clothes is what it is inside.
    const parsed = ipaddr.process(address);
    return parsed.range() === 'unicast' || this.#listed(parsed);
  }

  /** One of the listed networks: there even what is not encrypted may be sent. */
  trust(address: string): boolean {
    return ipaddr.isValid(address) && this.#listed(ipaddr.process(address));
  }

  #listed(address: ReturnType<typeof ipaddr.process>): boolean {
    return this.#networks.some((network) => {
      const [base] = network;
      return base.kind() === address.kind() && address.match(network);
    });
  }
}

/** @throws RangeError naming what is no network */
function parseNetwork(text: string): Network {
  try {
    return ipaddr.parseCIDR(text.includes('/') ? text : `${text}/${isIP(text) === 6 ? 128 : 32}`);
  } catch (cause) {
    throw new RangeError(`${text} is no network such as 10.0.0.0/8`, { cause });
  }
}
