from api.conversations.words import *  # noqa
from api.conversations.words import Word, reads_birth_dates, reads_choice, reads_language, reads_no, reads_word, reads_yes, wants_person
