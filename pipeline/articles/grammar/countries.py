"""Countries, what they and their people are called, and their capitals: which side a name is on."""

from __future__ import annotations

# Country: adjectives and people; capital and seats of government.
_COUNTRIES = """
Afghanistan: Afghan, Afghans; Kabul
Albania: Albanian; Tirana
Algeria: Algerian; Algiers
Andorra: Andorran
Angola: Angolan; Luanda
Argentina: Argentine, Argentinian; Buenos Aires
Armenia: Armenian; Yerevan
Australia: Australian; Canberra
Austria: Austrian; Vienna
Azerbaijan: Azerbaijani, Azeri; Baku
Bahamas: Bahamian; Nassau
Bahrain: Bahraini; Manama
Bangladesh: Bangladeshi; Dhaka
Barbados: Barbadian; Bridgetown
Belarus: Belarusian; Minsk
Belgium: Belgian
Belize: Belizean; Belmopan
Benin: Beninese; Porto-Novo
Bhutan: Bhutanese; Thimphu
Bolivia: Bolivian; La Paz, Sucre
Bosnia: Bosnian, Bosnia and Herzegovina; Sarajevo
Botswana: Botswanan; Gaborone
Brazil: Brazilian; Brasilia
Brunei: Bruneian
Bulgaria: Bulgarian; Sofia
Burkina Faso: Burkinabe; Ouagadougou
Burundi: Burundian; Gitega
Cambodia: Cambodian; Phnom Penh
Cameroon: Cameroonian; Yaounde
Canada: Canadian; Ottawa
Cape Verde: Cape Verdean; Praia
Central African Republic: Central African; Bangui
Chad: Chadian; N'Djamena
Chile: Chilean; Santiago
China: Chinese; Beijing
Colombia: Colombian; Bogota
Comoros: Comorian; Moroni
Congo: Congolese, DR Congo, Democratic Republic of Congo; Kinshasa
Costa Rica: Costa Rican; San Jose
Croatia: Croatian, Croat; Zagreb
Cuba: Cuban; Havana
Cyprus: Cypriot; Nicosia
Czech Republic: Czech, Czechia; Prague
Denmark: Danish, Dane; Copenhagen
Djibouti: Djiboutian
Dominican Republic: Dominican; Santo Domingo
East Timor: Timorese, Timor-Leste; Dili
Ecuador: Ecuadorian, Ecuadorean; Quito
Egypt: Egyptian; Cairo
El Salvador: Salvadoran; San Salvador
Equatorial Guinea: Equatoguinean; Malabo
Eritrea: Eritrean; Asmara
Estonia: Estonian; Tallinn
Eswatini: Swazi; Mbabane
Ethiopia: Ethiopian; Addis Ababa
European Union: European, EU; Brussels
Fiji: Fijian; Suva
Finland: Finnish, Finn; Helsinki
France: French; Paris
Gabon: Gabonese; Libreville
Gambia: Gambian; Banjul
Georgia: Georgian; Tbilisi
Germany: German; Berlin
Ghana: Ghanaian; Accra
Greece: Greek; Athens
Grenada: Grenadian
Guatemala: Guatemalan
Guinea: Guinean; Conakry
Guinea-Bissau: Bissau-Guinean; Bissau
Guyana: Guyanese; Georgetown
Haiti: Haitian; Port-au-Prince
Honduras: Honduran; Tegucigalpa
Hungary: Hungarian; Budapest
Iceland: Icelandic, Icelander; Reykjavik
India: Indian; New Delhi, Delhi
Indonesia: Indonesian; Jakarta
Iran: Iranian; Tehran, Teheran
Iraq: Iraqi; Baghdad
Ireland: Irish; Dublin
Israel: Israeli; Jerusalem
Italy: Italian; Rome
Ivory Coast: Ivorian, Cote d'Ivoire; Yamoussoukro, Abidjan
Jamaica: Jamaican; Kingston
Japan: Japanese; Tokyo
Jordan: Jordanian; Amman
Kazakhstan: Kazakh, Kazakhstani; Astana
Kenya: Kenyan; Nairobi
Kiribati: I-Kiribati; Tarawa
Kosovo: Kosovan, Kosovar; Pristina
Kuwait: Kuwaiti
Kyrgyzstan: Kyrgyz; Bishkek
Laos: Laotian, Lao; Vientiane
Latvia: Latvian; Riga
Lebanon: Lebanese; Beirut
Lesotho: Basotho; Maseru
Liberia: Liberian; Monrovia
Libya: Libyan; Tripoli
Liechtenstein: Liechtensteiner; Vaduz
Lithuania: Lithuanian; Vilnius
Luxembourg: Luxembourgish
Madagascar: Malagasy; Antananarivo
Malawi: Malawian; Lilongwe
Malaysia: Malaysian; Kuala Lumpur, Putrajaya
Maldives: Maldivian; Male
Mali: Malian; Bamako
Malta: Maltese; Valletta
Marshall Islands: Marshallese; Majuro
Mauritania: Mauritanian; Nouakchott
Mauritius: Mauritian; Port Louis
Mexico: Mexican; Mexico City
Micronesia: Micronesian; Palikir
Moldova: Moldovan; Chisinau
Monaco: Monegasque
Mongolia: Mongolian; Ulaanbaatar
Montenegro: Montenegrin; Podgorica
Morocco: Moroccan; Rabat
Mozambique: Mozambican; Maputo
Myanmar: Burmese, Burma; Naypyidaw, Naypyitaw
Namibia: Namibian; Windhoek
Nauru: Nauruan; Yaren
Nepal: Nepali, Nepalese; Kathmandu
Netherlands: Dutch; Amsterdam, The Hague
New Zealand: New Zealander; Wellington
Nicaragua: Nicaraguan; Managua
Niger: Nigerien; Niamey
Nigeria: Nigerian; Abuja
North Korea: North Korean; Pyongyang
North Macedonia: Macedonian, Macedonia; Skopje
Norway: Norwegian; Oslo
Oman: Omani; Muscat
Pakistan: Pakistani; Islamabad
Palau: Palauan; Ngerulmud
Palestine: Palestinian; Ramallah
Panama: Panamanian
Papua New Guinea: Papua New Guinean; Port Moresby
Paraguay: Paraguayan; Asuncion
Peru: Peruvian; Lima
Philippines: Philippine, Filipino; Manila
Poland: Polish, Pole; Warsaw
Portugal: Portuguese; Lisbon
Qatar: Qatari; Doha
Romania: Romanian; Bucharest
Russia: Russian; Moscow, Kremlin
Rwanda: Rwandan; Kigali
Samoa: Samoan; Apia
Saudi Arabia: Saudi; Riyadh
Senegal: Senegalese; Dakar
Serbia: Serbian, Serb; Belgrade
Seychelles: Seychellois; Victoria
Sierra Leone: Sierra Leonean; Freetown
Singapore: Singaporean
Slovakia: Slovak, Slovakian; Bratislava
Slovenia: Slovenian, Slovene; Ljubljana
Solomon Islands: Solomon Islander; Honiara
Somalia: Somali; Mogadishu
South Africa: South African; Pretoria
South Korea: South Korean; Seoul
South Sudan: South Sudanese; Juba
Spain: Spanish, Spaniard; Madrid
Sri Lanka: Sri Lankan; Colombo
Sudan: Sudanese; Khartoum
Suriname: Surinamese; Paramaribo
Sweden: Swedish, Swede; Stockholm
Switzerland: Swiss; Bern, Berne
Syria: Syrian; Damascus
Taiwan: Taiwanese; Taipei
Tajikistan: Tajik; Dushanbe
Tanzania: Tanzanian; Dodoma
Thailand: Thai; Bangkok
Togo: Togolese; Lome
Tonga: Tongan; Nuku'alofa
Trinidad and Tobago: Trinidadian, Trinidad; Port of Spain
Tunisia: Tunisian; Tunis
Turkey: Turkish, Turk, Turkiye; Ankara
Turkmenistan: Turkmen; Ashgabat
Tuvalu: Tuvaluan; Funafuti
Uganda: Ugandan; Kampala
Ukraine: Ukrainian; Kyiv, Kiev
United Arab Emirates: Emirati, UAE; Abu Dhabi
United Kingdom: British, Britain, UK, U.K., Briton; London, Downing Street, Whitehall
United States: American, America, US, U.S., USA; Washington, White House
Uruguay: Uruguayan; Montevideo
Uzbekistan: Uzbek; Tashkent
Vanuatu: Ni-Vanuatu; Port Vila
Vatican: Holy See; Vatican City
Venezuela: Venezuelan; Caracas
Vietnam: Vietnamese; Hanoi
Yemen: Yemeni; Sanaa
Zambia: Zambian; Lusaka
Zimbabwe: Zimbabwean; Harare
"""


def _read(table: str) -> dict[str, str]:
    found = {}
    for line in table.strip().splitlines():
        country, _, others = line.partition(": ")
        for name in (country, *others.replace("; ", ", ").split(", ")):
            found[name.lower()] = country
            if not name.endswith(("s", "sh", "ch", "ese")):
                found[f"{name.lower()}s"] = country
    return found


# Every name of a country, of its people and of its seat of government, in lowercase.
COUNTRY_OF = _read(_COUNTRIES)
LONGEST_NAME = max(name.count(" ") + 1 for name in COUNTRY_OF)


def find_country(words: list[str]) -> tuple[str, int] | None:
    """Find the country that some words begin with.

    Parameters
    ----------
    words : list of str
        Words of a name.

    Returns
    -------
    (str, int) or None
        The country, and how many of the words name it.

    Examples
    --------
    >>> find_country(["North", "Korean", "officials"])
    ('North Korea', 2)
    >>> find_country(["Kremlin"])
    ('Russia', 1)
    """
    for length in range(min(LONGEST_NAME, len(words)), 0, -1):
        country = COUNTRY_OF.get(" ".join(words[:length]).lower())
        if country is not None:
            return country, length
    return None
