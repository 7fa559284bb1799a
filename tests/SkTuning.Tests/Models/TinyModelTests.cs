using System.Xml.Linq;

namespace SkTuning.Tests.Models;

/// <summary>The model of the package SkTuning.Models.Tiny.</summary>
public sealed class TinyModelTests
{
    [Fact]
    public void The_model_is_in_the_folder_of_the_program()
    {
        Assert.StartsWith(AppContext.BaseDirectory, TinyModel.Folder);
        using var model = TinyModel.Load(new() { Device = "cpu" });
        using var repository = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        Assert.Equal(repository.Fingerprint, model.Fingerprint);
    }

    /// <summary>The project copies for project references, and the targets of the package for all others: both must agree with what the class reads.</summary>
    [Fact]
    public void The_package_copies_the_files_to_the_folder_that_is_read()
    {
        var project = Path.Combine(Fixtures.Repository, "src", "SkTuning.Models.Tiny");
        var targets = XDocument.Load(Path.Combine(project, "buildTransitive", "SkTuning.Models.Tiny.targets")).Descendants("None")
            .Single();
        var packed = XDocument.Load(Path.Combine(project, "SkTuning.Models.Tiny.csproj")).Descendants("None")
            .Single(n => (string?)n.Attribute("PackagePath") == "model/");
        Assert.Equal((string?)packed.Attribute("Link"), (string?)targets.Attribute("Link"));
        Assert.Equal(Path.GetFileName(TinyModel.Folder) + "/%(Filename)%(Extension)", (string?)targets.Attribute("Link"));
        Assert.EndsWith("../model/*", (string?)targets.Attribute("Include"));
    }
}
