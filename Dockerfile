# Two images: `web`, for pages, set-up and keeper, without PyTorch; `worker`, which computes. compose.yaml uses both.

FROM scratch AS code
COPY manage.py ./
COPY attacks attacks
COPY inference inference
COPY locale locale
COPY static static
COPY templates templates
COPY webapp webapp

FROM python:3.11-slim AS packages
WORKDIR /gibbon
ENV GIBBON_DATA=/data PYTHONUNBUFFERED=1
RUN useradd --uid 1000 --create-home gibbon && install -d -o gibbon -g gibbon /data
COPY constraints.txt requirements-web.txt requirements.txt ./
RUN pip install --no-cache-dir -c constraints.txt -r requirements-web.txt

FROM packages AS worker
RUN pip install --no-cache-dir -c constraints.txt -r requirements.txt
COPY --from=code / ./
USER gibbon
CMD ["python", "manage.py", "worker", "--queues", "interactive,sweep,study"]

FROM packages AS web
COPY --from=code / ./
USER gibbon
EXPOSE 8000
CMD ["uvicorn", "webapp.asgi:application", "--no-server-header", "--no-proxy-headers", "--host", "0.0.0.0", "--port", "8000"]
