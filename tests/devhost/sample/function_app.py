"""A small app with one of everything that the host serves."""

import asyncio
import json
import os
import time
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import grpc  # type: ignore[import-untyped]  # no stubs are installed
from jobs import bp  # type: ignore[import-not-found]  # the host puts the app's folder on the path

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(bp)
SEEN: dict[str, list[Any]] = {"timer": [], "queue": [], "poison": []}


def reply(content: Any, status: int = 200) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(content), status_code=status, mimetype="application/json")


@app.route(route="start/{name}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    try:
        instance_id = await client.schedule_new_orchestration(
            req.route_params["name"], input=req.get_json(), instance_id=req.params.get("id")
        )
    except grpc.aio.AioRpcError as error:
        return reply({"error": error.code().name}, status=409)
    return client.create_check_status_response(req, instance_id)


@app.route(route="run/{name}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    began = time.perf_counter()
    instance_id = await client.schedule_new_orchestration(req.route_params["name"], input=req.get_json())
    state = await client.wait_for_orchestration_completion(instance_id, timeout=30)
    took = time.perf_counter() - began
    assert state is not None
    return reply({"status": state.runtime_status.name, "output": state.serialized_output, "seconds": took})


@app.route(route="stop/{id}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def stop(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    instance_id = req.route_params["id"]
    before = await client.get_orchestration_state(instance_id)
    await client.terminate_orchestration(instance_id, output="stopped")
    after = await client.wait_for_orchestration_completion(instance_id, timeout=10)
    assert before is not None
    assert after is not None
    return reply([before.runtime_status.name, after.runtime_status.name])


@app.route(route="echo/{*rest}", methods=["GET", "POST", "PUT"], auth_level=func.AuthLevel.ANONYMOUS)
def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    seen = {
        "method": req.method,
        "url": req.url,
        "query": dict(req.params),
        "route": dict(req.route_params),
        "headers": dict(req.headers),
        "body": req.get_body().decode(),
        "function": context.function_name,
    }
    headers = {"X-Extra": "1", "Set-Cookie": "a=b; Path=/"}
    return func.HttpResponse(json.dumps(seen), status_code=201, headers=headers, mimetype="application/json")


@app.route(route="items/{id:int}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def item(req: func.HttpRequest) -> func.HttpResponse:
    return reply({"item": req.route_params["id"]})


@app.route(route="items/first", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def first_item(req: func.HttpRequest) -> func.HttpResponse:
    return reply({"item": "the first"})


@app.route(route="named/{name}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def named(req: func.HttpRequest) -> func.HttpResponse:
    return reply(req.route_params["name"])


@app.route(route="boom", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def boom(req: func.HttpRequest) -> func.HttpResponse:
    raise KeyError("boom")


@app.route(route="sleep", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def sleep(req: func.HttpRequest) -> func.HttpResponse:
    time.sleep(float(req.params["seconds"]))
    return reply("slept")


@app.route(route="sleep-async", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def sleep_async(req: func.HttpRequest) -> func.HttpResponse:
    await asyncio.sleep(float(req.params["seconds"]))
    return reply("slept")


@app.route(route="setting/{name}", methods=["GET"], auth_level=func.AuthLevel.ADMIN)
def setting(req: func.HttpRequest) -> func.HttpResponse:
    return reply(os.environ.get(req.route_params["name"]))


@app.route(route="seen", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def seen(req: func.HttpRequest) -> func.HttpResponse:
    return reply(SEEN)


@app.timer_trigger(arg_name="timer", schedule="%SAMPLE_SCHEDULE%")
def tick(timer: func.TimerRequest) -> None:
    SEEN["timer"].append(timer.past_due)


@app.queue_trigger(arg_name="message", queue_name="sample-in", connection="AzureWebJobsStorage")
def on_message(message: func.QueueMessage) -> None:
    body = message.get_json()
    SEEN["queue"].append([body, message.dequeue_count])
    if body.get("is_poison"):
        raise ValueError("poison")


@app.queue_trigger(arg_name="message", queue_name="sample-in-poison", connection="AzureWebJobsStorage")
def on_poison(message: func.QueueMessage) -> None:
    SEEN["poison"].append([message.get_json(), message.dequeue_count])


@app.route(route="enqueue", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@app.queue_output(arg_name="out", queue_name="sample-in", connection="AzureWebJobsStorage")
def enqueue(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
    out.set(req.get_body().decode())
    return func.HttpResponse(status_code=202)
