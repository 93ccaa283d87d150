#include "client/cli/column_words.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "client/cli/columns.h"
#include "client/cli/text_fold.h"

namespace portrait::cli {
namespace {

using Words = absl::Span<const absl::string_view>;

// Words in FoldText's form. A word of at least four letters may also be the
// beginning or end of a compound: "Telefonnummer".
constexpr absl::string_view kMessenger[] = {"whatsapp", "jid", "msisdn"};
constexpr absl::string_view kMobile[] = {
    "mobile",    "mobil",        "movil",     "handy",     "cell",
    "cellphone", "celular",      "gsm",       "portable",  "cellulare",
    "telemovel", "mobiel",       "komorka",   "komorkowy", "移动",
    "natel",     "matkapuhelin", "ponsel",    "hp",        "sms",
    "移動",      "переноснои",   "мобильныи", "моб",       "сотовыи",
    "мобильнии", "κινητο",       "جوال",      "موبايل",    "محمول",
    "נייד",      "携帯",         "手机",      "手機",      "휴대",
    "मोबाइल",    "มือถือ"};
constexpr absl::string_view kPhone[] = {
    "phone",    "telephone", "telefon",  "telefono",  "telefone", "tel",
    "fon",      "fono",      "telefoon", "rufnummer", "rufnr",    "puhelin",
    "telepon",  "telp",      "telf",     "ph",        "телефон",  "тел",
    "τηλεφωνο", "هاتف",      "تلفون",    "טלפון",     "電話",     "电话",
    "전화",     "फोन",       "โทรศัพท์",   "thoai",     "simi"};
constexpr absl::string_view kVague[] = {
    "contact", "number", "nummer", "numero", "kontakt", "contacto", "wa",
    "contato", "num",    "nr",     "номер",  "号码",    "番号"};
// Words for numbers that are probably not the person's own mobile number.
constexpr absl::string_view kPlaces[] = {
    "work",     "home",     "business", "office",   "other",     "main",
    "company",  "buro",     "privat",   "firma",    "arbeit",    "geschaftlich",
    "trabajo",  "casa",     "travail",  "domicile", "lavoro",    "callback",
    "radio",    "car",      "fixe",     "fijo",     "fisso",     "fixo",
    "festnetz", "shipping", "delivery", "versand",  "lieferung", "address"};
// The number of a company is not the person's.
constexpr absl::string_view kCompany[] = {
    "company",      "firma",       "organization", "organisation",
    "organizacion", "organizacao", "empresa",      "entreprise",
    "societe",      "azienda",     "societa",      "bedrijf",
    "sirket",       "zentrale",    "компания",     "компании",
    "организации",  "代表",        "单位主要"};
// Words for numbers of another person or of a device other than a telephone: an
// assistant, an emergency contact, a pager, a teletypewriter.
constexpr absl::string_view kSomebodyElse[] = {
    "assistant",    "assistent",      "asst",        "ayudante",
    "asystent",     "yardimci",       "yardımcı",    "помощник",
    "секретар",     "秘書",           "秘书",        "助理",
    "비서",         "مساعد",          "secretary",   "secretaria",
    "secretaire",   "sekretar",       "manager",     "emergency",
    "notfall",      "emergencia",     "urgence",     "spouse",
    "parent",       "referrer",       "centralita",  "pager",
    "beeper",       "пеиджер",        "寻呼",        "ポケットベル",
    "telex",        "horbehinderte",  "localizador", "semafoon",
    "cercapersone", "radiomessagerie"};
// Words of columns that do not have the person's phone number.
constexpr absl::string_view kOther[] = {"id",
                                        "name",
                                        "type",
                                        "date",
                                        "country",
                                        "code",
                                        "codigo",
                                        "codice",
                                        "email",
                                        "mail",
                                        "owner",
                                        "ext",
                                        "extension",
                                        "time",
                                        "account",
                                        "order",
                                        "invoice",
                                        "title",
                                        "label",
                                        "note",
                                        "notes",
                                        "count",
                                        "tty",
                                        "tdd",
                                        "bemerkung",
                                        "remark",
                                        "remarks",
                                        "comment",
                                        "kommentar",
                                        "commentaire",
                                        "associated",
                                        "deal",
                                        "deals",
                                        "receipt",
                                        "customer",
                                        "kunde",
                                        "kunden",
                                        "kundennummer",
                                        "cliente",
                                        "client",
                                        "typ",
                                        "tipo",
                                        "land",
                                        "vorwahl",
                                        "landesvorwahl",
                                        "landervorwahl",
                                        "prefix",
                                        "prefijo",
                                        "prefisso",
                                        "indicatif",
                                        "status",
                                        "verified",
                                        "valid",
                                        "carrier",
                                        "created",
                                        "updated",
                                        "consent",
                                        "optin",
                                        "vorname",
                                        "nachname",
                                        "nombre",
                                        "nom",
                                        "prenom",
                                        "cognome",
                                        "nome",
                                        "apellido",
                                        "city",
                                        "ort",
                                        "plz",
                                        "zip",
                                        "postal",
                                        "street",
                                        "address",
                                        "iban",
                                        "vat",
                                        "tax",
                                        "birthday",
                                        "company",
                                        "organization"};
// Words that are acceptable beside a word for a phone number.
constexpr absl::string_view kOtherUnlessPhone[] = {
    "company", "customer", "kunden", "kunde",  "organization",
    "cliente", "client",   "title",  "address"};
constexpr absl::string_view kFax[] = {"fax",  "faks",       "telecopi",
                                      "факс", "ファックス", "传真",
                                      "傳真", "팩스",       "فاكس"};
constexpr absl::string_view kCountry[] = {
    "country", "countries", "land",   "pays",   "pais",   "paese",
    "nazione", "kraj",      "ulke",   "страна", "краіна", "країна",
    "دولة",    "الدولة",    "البلد",  "מדינה",  "国",     "国家",
    "國家",    "国名",      "국가",   "देश",     "zeme",   "krajina",
    "orszag",  "maa",       "negara", "tara",   "χωρα"};
constexpr absl::string_view kCountryGuess[] = {"cc", "iso", "iso2", "iso3",
                                               "nation"};
constexpr absl::string_view kDial[] = {
    "dial",          "dialing",       "dialling", "calling", "vorwahl",
    "landesvorwahl", "landervorwahl", "ddi",      "isd",     "prefijo",
    "prefisso",      "indicatif",     "prefix"};
constexpr absl::string_view kState[] = {"state",      "province",  "provinz",
                                        "bundesland", "provincia", "estado"};

// "Mobile Phone_1", "mobilePhone" → mobile, phone, 1.
std::vector<std::string> WordsOf(absl::string_view written) {
  // "WhatsApp" is one word, although it has a capital letter inside.
  const std::string name =
      absl::StrReplaceAll(written, {{"WhatsApp", "Whatsapp"}});
  std::vector<std::string> words;
  bool in_word = false;
  char before = ' ';
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = absl::ascii_isalnum(byte) || byte >= 0x80;
    const bool hump = absl::ascii_isupper(byte) &&
                      absl::ascii_islower(static_cast<unsigned char>(before));
    if (letter && (!in_word || hump)) words.emplace_back();
    if (letter) words.back().push_back(c);
    in_word = letter;
    before = c;
  }
  for (std::string& word : words) {
    word = FoldText(word);
    // "Automóvil" is a car, not a mobile phone.
    if (absl::StartsWith(word, "automo")) word = "car";
  }
  return words;
}

bool IsOneOf(absl::string_view word, Words list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool AnyOf(const std::vector<std::string>& words, Words list) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return IsOneOf(word, list);
  });
}

// Whether any word is in `list`, or is a compound with a word in it.
bool Speaks(const std::vector<std::string>& words, Words list) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::any_of(list.begin(), list.end(), [&](absl::string_view part) {
      const bool ascii = static_cast<unsigned char>(part.front()) < 0x80;
      if (!ascii) return absl::StrContains(word, part);
      return word == part ||
             (part.size() >= 4 &&
              (absl::StartsWith(word, part) || absl::EndsWith(word, part))) ||
             // "tel2", "telnr"
             (part == "tel" && absl::StartsWith(word, part) &&
              word.size() <= 5);
    });
  });
}

bool IsFax(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return std::any_of(
        std::begin(kFax), std::end(kFax),
        [&](absl::string_view fax) { return absl::StrContains(word, fax); });
  });
}

bool SpeaksOfPhones(const std::vector<std::string>& words) {
  return Speaks(words, kMessenger) || Speaks(words, kMobile) ||
         Speaks(words, kPhone);
}

// "Cep telefonu" is Turkish for a mobile phone; alone, "CEP" is a Brazilian
// postal code.
bool SpeaksOfMobiles(const std::vector<std::string>& words) {
  return Speaks(words, kMobile) ||
         (std::find(words.begin(), words.end(), "cep") != words.end() &&
          Speaks(words, kPhone));
}

bool IsOther(const std::vector<std::string>& words) {
  if (IsFax(words) || Speaks(words, kSomebodyElse)) return true;
  const bool phones = SpeaksOfPhones(words);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return IsOneOf(word, kOther) &&
           !(phones && IsOneOf(word, kOtherUnlessPhone));
  });
}

}  // namespace

std::optional<size_t> PhoneRank(absl::string_view name) {
  const std::vector<std::string> words = WordsOf(name);
  if (IsOther(words)) return std::nullopt;
  if (Speaks(words, kCompany)) {
    return SpeaksOfPhones(words) || Speaks(words, kVague)
               ? std::optional<size_t>(kCompanyRank)
               : std::nullopt;
  }
  if (Speaks(words, kMessenger)) return 0;
  const bool elsewhere = AnyOf(words, kPlaces);
  if (SpeaksOfMobiles(words)) return elsewhere ? 2 : 1;
  if (Speaks(words, kPhone)) return elsewhere ? 4 : 3;
  if (IsVagueName(name)) return 5;
  return std::nullopt;
}

bool IsVagueName(absl::string_view name) {
  const std::vector<std::string> words = WordsOf(name);
  return !IsOther(words) && !SpeaksOfPhones(words) && Speaks(words, kVague);
}

bool IsOtherName(absl::string_view name) { return IsOther(WordsOf(name)); }

bool IsKnownName(absl::string_view name) {
  const std::vector<std::string> words = WordsOf(name);
  constexpr size_t kMostWords = 6;
  return words.size() <= kMostWords &&
         (SpeaksOfPhones(words) || IsOther(words) || Speaks(words, kVague));
}

CountryName CountryNameOf(absl::string_view name) {
  if (IsOwnColumn(name)) return CountryName::kNone;
  const std::vector<std::string> words = WordsOf(name);
  if (AnyOf(words, kCountry)) return CountryName::kCountry;
  if (AnyOf(words, kState)) return CountryName::kNone;
  if (AnyOf(words, kDial)) return CountryName::kDialCode;
  if (AnyOf(words, kCountryGuess)) return CountryName::kGuess;
  return CountryName::kNone;
}

bool IsOwnColumn(absl::string_view name) {
  return absl::StartsWithIgnoreCase(name, kColumnPrefix);
}

}  // namespace portrait::cli
