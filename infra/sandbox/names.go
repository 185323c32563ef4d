package sandbox

// Sixty-four given names and one hundred and twenty-eight surnames: 8 192 people before a number is needed. Each list holds
// names that stay distinct after folding to ASCII, because user principal names are made of them. Apostrophes, hyphens,
// spaces and letters outside ASCII are there on purpose: they are what breaks filters, exports and greetings.
var givenNames = [64]string{
	"Amélie", "Björn", "Chloé", "Diego", "Eleni", "Farid", "Grace", "Hiroshi",
	"Ingrid", "João", "Katarzyna", "Liam", "Mei", "Noah", "Olga", "Priya",
	"Quentin", "Renée", "Søren", "Tomás", "Ursula", "Viktor", "Wei", "Xenia",
	"Yusuf", "Zoë", "Anne-Sophie", "Babak", "Carmen", "Dmitri", "Éloïse", "Fatima",
	"Giulia", "Håkon", "İpek", "Jürgen", "Kwame", "Léa", "Małgorzata", "Nguyên",
	"Oluwaseun", "Paolo", "Rania", "Siobhán", "Thandiwe", "Uma", "Vera", "Walid",
	"Yara", "Zbigniew", "Aiko", "Benoît", "Camille", "Daniel", "Emma", "Félix",
	"Hannah", "Isabel", "Jonas", "Lucía", "Marek", "Nadia", "Oscar", "Sofía",
}

var surnames = [128]string{
	"Martin", "Åkesson", "O'Brien", "García", "Papadopoulos", "Nguyen", "Müller", "Tanaka",
	"Dubois", "Silva", "Kowalski", "Smith", "Chen", "Ivanova", "Sharma", "Lefèvre",
	"Nielsen", "Novák", "Weiß", "Petrov", "Zhang", "Yılmaz", "Haddad", "Bernard",
	"Robert", "Richard", "Durand", "Moreau", "Laurent", "Simon", "Michel", "Fournier",
	"Girard", "Bonnet", "Dupont", "Lambert", "Rousseau", "Vincent", "Faure", "Mercier",
	"Blanc", "Guérin", "Boyer", "Chevalier", "François", "Legrand", "Gauthier", "Perrin",
	"Robin", "Clément", "Morin", "Henry", "Roussel", "Mathieu", "Gautier", "Masson",
	"de la Cruz", "Rodríguez", "Fernández", "López", "Sánchez", "Pérez", "Gómez", "Hernández",
	"Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schäfer",
	"Rossi", "Russo", "Ferrari", "Esposito", "Bianchi", "Romano", "Colombo", "Ricci",
	"Johansson", "Lindqvist", "Bergström", "Hansen", "Sørensen", "Virtanen", "Mäkinen", "Kask",
	"Horváth", "Szabó", "Popescu", "Ionescu", "Dimitrov", "Jovanović", "Šimić", "Kovač",
	"Okafor", "Adeyemi", "Mensah", "Diallo", "Traoré", "Mbeki", "Dlamini", "Abebe",
	"Khan", "Patel", "Singh", "Gupta", "Rao", "Iyer", "Hussain", "Rahman",
	"Sato", "Suzuki", "Takahashi", "Watanabe", "Kim", "Park", "Choi", "Wang",
	"Li", "Liu", "Santos", "Oliveira", "Costa", "Pereira", "Van den Berg", "Jansen",
}
