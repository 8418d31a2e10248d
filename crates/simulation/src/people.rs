//! Names and addresses of people who do not exist. All addresses are under example.com, which reaches nobody (RFC 2606).

use storefold_events::scan::Gender;

use crate::{Country, dice::Dice};

struct Names {
    female: [&'static str; 10],
    male: [&'static str; 10],
    family: [&'static str; 16],
}

static NAMES: [Names; Country::ALL.len()] = [
    Names {
        female: ["Marie", "Camille", "Sophie", "Ines", "Chloe", "Julie", "Manon", "Nathalie", "Lea", "Claire"],
        male: ["Pierre", "Thomas", "Nicolas", "Julien", "Hugo", "Antoine", "Louis", "Karim", "Paul", "Mathieu"],
        family: [
            "Martin", "Bernard", "Dubois", "Durand", "Moreau", "Laurent", "Simon", "Michel", "Lefebvre", "Garcia",
            "Roux", "Fournier", "Girard", "Bonnet", "Lambert", "Benali",
        ],
    },
    Names {
        female: ["Giulia", "Sofia", "Martina", "Chiara", "Francesca", "Elena", "Paola", "Alice", "Sara", "Laura"],
        male: ["Marco", "Luca", "Matteo", "Andrea", "Davide", "Paolo", "Giovanni", "Stefano", "Pietro", "Simone"],
        family: [
            "Rossi", "Russo", "Ferrari", "Esposito", "Bianchi", "Romano", "Colombo", "Ricci", "Marino", "Greco",
            "Bruno", "Gallo", "Conti", "Costa", "Mancini", "Lombardi",
        ],
    },
    Names {
        female: ["Anna", "Lena", "Julia", "Katharina", "Sabine", "Petra", "Laura", "Emma", "Aylin", "Monika"],
        male: ["Lukas", "Felix", "Jonas", "Stefan", "Thomas", "Michael", "Paul", "Emre", "Markus", "Jan"],
        family: [
            "Mueller",
            "Schmidt",
            "Schneider",
            "Fischer",
            "Weber",
            "Meyer",
            "Wagner",
            "Becker",
            "Schulz",
            "Hoffmann",
            "Koch",
            "Bauer",
            "Richter",
            "Klein",
            "Wolf",
            "Yilmaz",
        ],
    },
    Names {
        female: ["Olivia", "Amelia", "Emily", "Charlotte", "Sophie", "Grace", "Priya", "Hannah", "Lucy", "Kate"],
        male: ["Oliver", "George", "Harry", "Jack", "James", "Thomas", "Arjun", "William", "Daniel", "Callum"],
        family: [
            "Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel", "Wright",
            "Walker", "Evans", "Green", "Hall", "Khan", "Clarke",
        ],
    },
    Names {
        female: ["Emma", "Ava", "Mia", "Isabella", "Madison", "Ashley", "Maria", "Jasmine", "Rachel", "Megan"],
        male: ["Liam", "Noah", "Ethan", "Mason", "Jose", "Tyler", "Andrew", "Brandon", "Kevin", "Marcus"],
        family: [
            "Smith",
            "Johnson",
            "Williams",
            "Brown",
            "Jones",
            "Garcia",
            "Miller",
            "Davis",
            "Rodriguez",
            "Martinez",
            "Lee",
            "Nguyen",
            "Anderson",
            "Thomas",
            "Jackson",
            "White",
        ],
    },
    Names {
        female: ["Yui", "Sakura", "Hina", "Aoi", "Misaki", "Yuko", "Akiko", "Emi", "Naomi", "Haruka"],
        male: ["Haruto", "Ren", "Sota", "Yuto", "Kenji", "Takashi", "Daiki", "Hiroshi", "Shota", "Kaito"],
        family: [
            "Sato",
            "Suzuki",
            "Takahashi",
            "Tanaka",
            "Watanabe",
            "Ito",
            "Yamamoto",
            "Nakamura",
            "Kobayashi",
            "Kato",
            "Yoshida",
            "Yamada",
            "Sasaki",
            "Matsumoto",
            "Inoue",
            "Kimura",
        ],
    },
];

/// Somebody's name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub(crate) first_name: &'static str,
    pub(crate) name: &'static str,
}

impl Person {
    pub(crate) fn draw(dice: &mut Dice, country: Country, gender: Option<Gender>) -> Self {
        let names = &NAMES[country as usize];
        let female = match gender {
            Some(Gender::Female) => true,
            Some(Gender::Male) => false,
            Some(Gender::Unknown) | None => dice.chance(500),
        };
        Self { first_name: dice.pick(if female { &names.female } else { &names.male }), name: dice.pick(&names.family) }
    }

    /// An address; the number tells people of one name apart.
    pub(crate) fn email(self, number: u32) -> String {
        let mut email = format!("{}.{}{number}@example.com", self.first_name, self.name);
        email.make_ascii_lowercase();
        email
    }
}

/// The number of a country's `number`-th customer, counted from 1.
pub(crate) fn customer_id(country: Country, number: u32) -> String {
    format!("C-{}-{number:06}", country.code())
}
