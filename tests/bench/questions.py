"""What patients ask in the benchmark. Both engines answer each of them without asking back."""

from typing import Final

# Practical questions: the most frequent whole turn, answered without knowing who asks.
PRACTICAL: Final = (
    "what are your opening hours",
    "where is the clinic",
    "do you take my insurance",
    "how do i prepare for a blood test",
    "are you open on saturday",
    "what is your address",
    "is medicare accepted",
    "do i need to fast before my lab test",
)
# All kinds, in both languages; none opens a booking, which plain Rasa could not make.
MIXED: Final = (
    *PRACTICAL,
    "hello",
    "thank you so much",
    "what can you do",
    "i need a refill of my metformin",
    "i want to talk to a person",
    "can i get my test results",
    "my knee hurts when i walk",
    "i took my pill",
    "a qué hora abren",
    "dónde está la clínica",
    "necesito cancelar mi cita",
    "gracias",
)
WISH: Final = "i need to see someone about a cough, tomorrow or any time"
NONE: Final = "NONE"
# Ten turns that are said again and again, so that early and late ones are the same work.
TEN_TURNS: Final = (
    "hello",
    "what are your opening hours",
    "where is the clinic",
    "thank you so much",
    WISH,
    NONE,
    "do you take my insurance",
    "what can you do",
    "how do i prepare for a blood test",
    "are you open on saturday",
)
