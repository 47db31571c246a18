/** Two people for a first look at an embedded instance. They exist nowhere else; their secrets are printed at start. */
import { createPerson, type PersonFacts, type Places } from '../person.ts';

export const testPeople: readonly PersonFacts[] = [
  {
    name: '김하나',
    phone: '01000000001',
    birthDate: '900101',
    sexDigit: '2',
    memberId: 'hana',
    passphrase: 'spring river 2026',
    pin: '180519',
  },
  {
    name: '이두리',
    phone: '01000000002',
    birthDate: '880808',
    sexDigit: '1',
    memberId: 'duri',
    passphrase: 'autumn hill 2026',
    pin: '270914',
  },
];

const FIRST_CHARGE_WON = 100_000n;

/** Joins both through the front door and charges the first one's wallet. */
export async function joinTestPeople(places: Places): Promise<void> {
  const people = testPeople.map((facts) => createPerson(places, facts));
  await Promise.all(people.map((person) => person.join()));
  await people[0]!.charge(FIRST_CHARGE_WON);
}
