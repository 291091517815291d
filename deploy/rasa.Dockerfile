# The dialogue engine with its trained model: its own Python, nothing of the service in it.
FROM python:3.10.18-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app/bot
COPY bot/pyproject.toml bot/uv.lock ./
RUN uv sync --locked --no-default-groups
COPY bot ./
COPY nlu_data/train /app/nlu_data/train
RUN .venv/bin/python train.py

FROM python:3.10.18-slim-bookworm
RUN useradd --uid 10002 --no-create-home --shell /usr/sbin/nologin rasa
COPY --from=build /app/bot /app/bot
COPY --chmod=755 deploy/rasa-entrypoint.sh /usr/local/bin/rasa-entrypoint.sh
ENV PATH=/app/bot/.venv/bin:$PATH PYTHONUNBUFFERED=1 RASA_TELEMETRY_ENABLED=false OMP_NUM_THREADS=1
WORKDIR /app/bot
USER 10002
CMD ["rasa-entrypoint.sh"]
