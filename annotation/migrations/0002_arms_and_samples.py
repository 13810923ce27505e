from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def from_before(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Studies had all notes of their batch, and one interface."""
    Study = apps.get_model("annotation", "Study")
    for study in Study.objects.all():
        study.notes.set(study.batch.notes.values_list("pk", flat=True))
        study.assignments.update(arm=study.interface)
        study.workspaces.update(arm=study.interface)


ARM = models.CharField(max_length=6, default="list", help_text="the interface: list or search")
NOTE_ARM = models.CharField(
    max_length=6, default="list", help_text="the interface that the note is coded with: list or search"
)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="workspace", name="workspace_of_coder"),
        migrations.AddField(model_name="assignment", name="arm", field=NOTE_ARM, preserve_default=False),
        migrations.AddField(
            model_name="study",
            name="notes",
            field=models.ManyToManyField(related_name="studies", to="annotation.note"),
        ),
        migrations.AddField(
            model_name="study",
            name="sample",
            field=models.PositiveIntegerField(
                blank=True, help_text="notes drawn from the batch; none: all", null=True
            ),
        ),
        migrations.AddField(model_name="workspace", name="arm", field=ARM, preserve_default=False),
        migrations.AlterField(
            model_name="study",
            name="interface",
            field=models.CharField(
                choices=[
                    ("list", "the whole list, as in the paper"),
                    ("search", "a search box"),
                    ("both", "two arms: half of each coder's notes with the list, half with the search box"),
                ],
                default="list",
                max_length=6,
            ),
        ),
        migrations.AddConstraint(
            model_name="workspace",
            constraint=models.UniqueConstraint(fields=("study", "rater", "arm"), name="workspace_of_coder"),
        ),
        migrations.RunPython(from_before, migrations.RunPython.noop),
    ]
