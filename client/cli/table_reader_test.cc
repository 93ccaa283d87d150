#include "client/cli/table_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace portrait::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<std::unique_ptr<TableReader>> Open(const std::string& text,
                                                  TableOptions options = {}) {
  return TableReader::Open(InputBuffer::OfText(text), options);
}

// The contacts of a list; if it has an error, that is the last element.
std::vector<std::string> Contacts(const std::string& text,
                                  TableOptions options = {}) {
  auto reader = Open(text, options);
  if (!reader.ok()) return {std::string(reader.status().message())};
  std::vector<std::string> contacts;
  InputRow row;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->Next(&row);
    if (!more.ok()) contacts.emplace_back(more.status().message());
    if (!more.ok() || !*more) return contacts;
    EXPECT_EQ(row.cells.size(), (*reader)->columns().size());
    contacts.push_back(row.contact);
  }
}

TEST(TableReaderTest, ReadsPlainNumbers) {
  EXPECT_THAT(Contacts("+4915112345678\r\n\n  13105551234 \n1@g.us"),
              ElementsAre("+4915112345678", "13105551234", "1@g.us"));
  // The first cell is too short for a number, and is no column name either.
  EXPECT_THAT(Contacts("123\n+4915112345678\n"),
              ElementsAre("123", "+4915112345678"));
  EXPECT_THAT(Contacts("\xEF\xBB\xBF+4915112345678\n"),
              ElementsAre("+4915112345678"));
  EXPECT_THAT(Contacts(""), ElementsAre());
}

TEST(TableReaderTest, FindsThePhoneColumnByName) {
  const std::pair<std::string, std::string> cases[] = {
      {"id,Phone,email", "Phone"},
      {"Contact ID,First Name,Phone,Last Activity", "Phone"},
      {"Telefonnummer,Name,x", "Telefonnummer"},
      {"name,home phone,mobilePhone", "mobilePhone"},
      {"Fax number,Tel.,x", "Tel."},
      {"name,msisdn,x", "msisdn"},
      {"Name,Handy,Telefon", "Handy"},
      {"phone type,phone,x", "phone"},
      {"name,wa_jid,x", "wa_jid"},
      {"name,contact,x", "contact"},
      {"name,Phone 1 - Value,x", "Phone 1 - Value"},
      {"name,Rufnummer,x", "Rufnummer"},
  };
  for (const auto& [header, column] : cases) {
    const auto reader = Open(header + "\n");
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ((*reader)->contact_column(), column) << header;
  }
}

TEST(TableReaderTest, FindsThePhoneColumnByContent) {
  EXPECT_THAT(Contacts("who,when,where\nAnn,2026-09-23,+49 151 1234567\n"
                       "Bob,2026-09-24,030/1234567\n"),
              ElementsAre("+49 151 1234567", "030/1234567"));
  // A column named "phone" that has other content is not chosen.
  EXPECT_THAT(Contacts("phone,line\niPhone,+4915112345678\n"),
              ElementsAre("+4915112345678"));
}

TEST(TableReaderTest, TrustsTheNameIfNoColumnContainsNumbers) {
  EXPECT_THAT(Contacts("Name,Telefon\nAnn,+49151\n"), ElementsAre("+49151"));
  EXPECT_THAT(Contacts("Name,Phone\nAnn,ask her\n"), ElementsAre("ask her"));
  EXPECT_THAT(Contacts("Phone\nnone\n"), ElementsAre("none"));
  // A spreadsheet has rounded the numbers; the column beside them has other
  // numbers.
  EXPECT_THAT(Contacts("Kunde,Telefon\n10002345,4.91512E+12\n"),
              ElementsAre("4.91512E+12"));
}

TEST(TableReaderTest, ReadsCsvWithoutAHeader) {
  auto reader = Open("Ann,+4915112345678\nBob,+4915112345679\n");
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_THAT((*reader)->columns(), ElementsAre("column_1", "column_2"));
  InputRow row;
  ASSERT_TRUE(*(*reader)->Next(&row));
  EXPECT_EQ(row.contact, "+4915112345678");
}

TEST(TableReaderTest, UsesTheNamedColumn) {
  const std::string list = "phone,Second\n+4911111111,+4922222222\n";
  EXPECT_THAT(Contacts(list, {.phone_columns = {"second"}}),
              ElementsAre("+4922222222"));
  EXPECT_THAT(Contacts(list, {.phone_columns = {"third"}}),
              ElementsAre(AllOf(HasSubstr("no column \"third\""),
                                HasSubstr("phone, Second"))));
}

TEST(TableReaderTest, ListsTheColumnsIfNoneContainsNumbers) {
  EXPECT_THAT(
      Contacts("name,email\nAnn,ann@example.com\n"),
      ElementsAre(AllOf(HasSubstr("no phone column"), HasSubstr("name, email"),
                        HasSubstr("--column"))));
  // The names of a binary file must not control the terminal or fill the
  // screen.
  const std::string header = "\x1B[2Jx,e" + std::string(5000, 'y');
  const auto told = Contacts(header + "\nAnn,ann@example.com\n");
  EXPECT_THAT(told, ElementsAre(HasSubstr("among: ?[2Jx, eyyy")));
  EXPECT_LT(told[0].size(), 300u);
}

TEST(TableReaderTest, SniffsDelimiters) {
  EXPECT_THAT(Contacts("Name;Telefon\n\"A;B\";+49151\n"),
              ElementsAre("+49151"));
  EXPECT_THAT(Contacts("Name\tPhone\nA\t+49151\n"), ElementsAre("+49151"));
}

TEST(TableReaderTest, ReadsJsonLines) {
  const std::string list =
      "{\"name\":\"Ann\",\"phone\":\"+4915112345678\"}\n\n"
      "{\"phone\":13105551234}\r\n{\"phone\":null,\"more\":[1]}";
  EXPECT_THAT(Contacts(list), ElementsAre("+4915112345678", "13105551234", ""));
  EXPECT_THAT(Contacts("{\"a\":\"x\",\"n\":\"1\"}", {.phone_columns = {"n"}}),
              ElementsAre("1"));
  EXPECT_THAT(Contacts("{\"phone\":\"+49151\"}\n{\"phone\":\n"),
              ElementsAre("+49151", HasSubstr("line 2: not a JSON object")));
  EXPECT_THAT(Contacts("[{\"phone\":\"+49151\"}]"),
              ElementsAre(HasSubstr("JSON array")));
}

TEST(TableReaderTest, KeepsValuesInTheirColumns) {
  // A short row is filled up; empty fields after the last column are dropped.
  EXPECT_THAT(Contacts("phone,name\n+4915112345678\n+4915112345679,B,,\n"),
              ElementsAre("+4915112345678", "+4915112345679"));
  EXPECT_THAT(Contacts("phone,name\n+4915112345678,Smith, Ann\n"),
              ElementsAre(AllOf(HasSubstr("line 2: 3 fields in 2 columns"))));
}

TEST(TableReaderTest, RefusesHugeLinesWhateverTheFormat) {
  const std::string huge(100 * 1024 * 1024, '1');
  for (const std::string& start :
       {std::string("phone\n"), std::string("+4915112345678\n"),
        std::string("{\"phone\":\"1\"}\n{\"phone\":\"")}) {
    const auto contacts = Contacts(start + huge);
    EXPECT_THAT(contacts.back(), HasSubstr("line 2: longer than"));
  }
  for (const std::string& start :
       {std::string(), std::string("{\"phone\":\""), std::string("a,")}) {
    EXPECT_THAT(Contacts(start + huge),
                ElementsAre(HasSubstr("line 1: longer than")));
  }
}

TEST(TableReaderTest, UsesTheCountryOfEachRow) {
  auto reader = Open("Country,Phone\nDE,0151 12345678\nke,0712 989702\n");
  ASSERT_TRUE(reader.ok());
  InputRow row;
  ASSERT_TRUE(*(*reader)->Next(&row));
  EXPECT_EQ(row.country, "DE");
  ASSERT_TRUE(*(*reader)->Next(&row));
  EXPECT_EQ(row.country, "KE");
  reader = Open("Country,Phone\nGermany,0151 12345678\n");
  ASSERT_TRUE(*(*reader)->Next(&row));
  EXPECT_EQ(row.country, "DE");
}

}  // namespace
}  // namespace portrait::cli
