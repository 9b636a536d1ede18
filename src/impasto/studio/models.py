"""What requests and answers look like; OpenAPI is made of these."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, StrictBool

from impasto.jobs.values import Job, JobRequest, JobStatus
from impasto.jobs.values import Output as JobOutput
from impasto.studio.plain_json import checked_mapping, checked_text

Id = Annotated[
    str, Field(pattern="^[0-9a-f]{8,64}$", examples=["5f0c2a9b1d3e4f60718293a4b5c6d7e8"])
]
"""Of a job or an upload; never a path."""
Text = Annotated[str, AfterValidator(checked_text)]
Settings = Annotated[dict[str, Any], AfterValidator(checked_mapping)]


class Upload(BaseModel):
    """A picture that was handed in."""

    model_config = ConfigDict(from_attributes=True)

    id: Id
    name: str = Field(description="As the caller called it; only for showing.", examples=["a.jpg"])
    kind: str = Field(description="By its content, not by its name.", examples=["jpeg"])
    bytes: int
    width: int
    height: int
    created: float = Field(description="Seconds since 1970, UTC; so are all times here.")


class Uploads(BaseModel):
    """Pictures that were handed in, the newest first."""

    items: list[Upload]


class Output(BaseModel):
    """How the result is written."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    depth: Annotated[Literal[8, 16], Field(description="Bits per channel.")] = 8
    dpi: Annotated[FiniteFloat | None, Field(ge=1, le=10_000, description="For printing.")] = None


class NewJob(BaseModel):
    """What is asked for; pictures are named by their uploads."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "content": "5f0c2a9b1d3e4f60718293a4b5c6d7e8",
                    "styles": ["0a1b2c3d4e5f60718293a4b5c6d7e8f9"],
                    "recipe": "draft",
                    "changes": {"schedule.size": 512},
                }
            ]
        },
    )

    content: Id
    styles: list[Id] = Field(min_length=1, max_length=16)
    recipe: Text | Settings = Field(
        "default",
        description="The name of a recipe, of impasto's or of your own; or settings, which may "
        "leave out those of the recipe that they extend.",
    )
    changes: Settings = Field(
        default_factory=dict,
        description="Settings by their paths, changed in the recipe.",
        examples=[{"schedule.size": 512, "style.scale": 1.5}],
    )
    start: Id | None = Field(None, description="A picture to start from.")
    protect: Id | None = Field(None, description="A mask: white is left as it is.")
    regions: list[Id] = Field(default_factory=list, max_length=2)
    style_masks: list[Id] = Field(default_factory=list, max_length=16)
    title: Text = Field("", max_length=200)
    parent: Id | None = Field(None, description="The job that this one was branched from.")
    output: Output = Output()

    def request(self, recipe: dict[str, Any], client: str) -> JobRequest:
        """Make the request of the jobs, with the whole recipe."""
        return JobRequest(
            recipe=recipe,
            content=self.content,
            styles=tuple(self.styles),
            start=self.start,
            protect=self.protect,
            regions=tuple(self.regions),
            style_masks=tuple(self.style_masks),
            title=self.title,
            client=client,
            parent=self.parent,
            output=JobOutput(depth=self.output.depth, dpi=self.output.dpi),
        )


class Request(BaseModel):
    """What a job was asked for, with its whole recipe."""

    model_config = ConfigDict(from_attributes=True)

    recipe: dict[str, Any]
    content: Id
    styles: list[Id]
    start: Id | None
    protect: Id | None
    regions: list[Id]
    style_masks: list[Id]
    title: str
    parent: str | None
    output: Output


class JobState(BaseModel):
    """A job as it stands."""

    id: Id
    status: JobStatus
    title: str
    created: float
    started: float | None
    finished: float | None
    step: int = Field(description="Steps done.")
    steps: int = Field(description="In all; 0 until it is known.")
    losses: dict[str, float | None] = Field(description="Of the last step.")
    seconds_left: float | None
    error: str = Field(description="Why it failed, as a sentence.")
    warnings: list[str]
    favorite: bool
    result: tuple[int, int] | None = Field(description="Width and height, once there is a picture.")
    request: Request

    @classmethod
    def of(cls, job: Job) -> "JobState":
        """Show a job."""
        values = {name: getattr(job, name) for name in cls.model_fields if name != "request"}
        return cls(**values, request=Request.model_validate(job.request))


class JobPage(BaseModel):
    """Some jobs of many, the newest first."""

    items: list[JobState]
    before: str | None = Field(description="Ask with this for what comes after; null at the end.")
    total: int = Field(description="On all pages together.")


class JobChanges(BaseModel):
    """What may be changed in a job at any time."""

    model_config = ConfigDict(extra="forbid")

    title: Text | None = Field(None, min_length=1, max_length=200)
    favorite: StrictBool | None = Field(None, description="Favorites are not removed for room.")


class Simple(BaseModel):
    """Pause, resume, or stop and keep the picture so far."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"action": "stop"}]})

    action: Literal["pause", "resume", "stop"]


class Weight(BaseModel):
    """Give a term another weight."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["weight"]
    term: Text = Field(max_length=100, examples=["style"])
    value: FiniteFloat = Field(ge=0)


class Strength(BaseModel):
    """Give a run that was begun with a strength another one."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["strength"]
    value: FiniteFloat = Field(ge=0, le=1)


Control = Annotated[Simple | Weight | Strength, Field(discriminator="action")]


class SavedRecipe(BaseModel):
    """A recipe of the user's own."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    recipe: dict[str, Any]
    created: float


class Recipes(BaseModel):
    """Names of all recipes."""

    named: list[str] = Field(description="Those that come with impasto.", examples=[["default"]])
    saved: list[str] = Field(description="The user's own.")


class RecipeBody(BaseModel):
    """The settings of one recipe."""

    name: str
    recipe: dict[str, Any]


class NewRecipe(BaseModel):
    """A recipe to keep."""

    model_config = ConfigDict(extra="forbid")

    recipe: Settings = Field(examples=[{"extends": "fine", "schedule": {"size": 1024}}])


class Health(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"
    version: str


class Readiness(BaseModel):
    """Whether jobs that are handed in now will be done."""

    ready: bool
    database: bool
    workers: int = Field(description="Those heard of in the last 15 seconds.")
    disk: bool = Field(description="Whether there is room for another upload.")
    detail: str = Field(description="What is missing, as a sentence.")
