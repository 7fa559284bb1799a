using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SkTuning.Serving.Hosting;

/// <summary>The folder at which relative paths start: the content root of the app or, without a host, the current directory.</summary>
internal sealed class ContentRoot(IServiceProvider services)
{
    private readonly string _folder = services.GetService<IHostEnvironment>()?.ContentRootPath is { Length: > 0 } root ? root : Directory.GetCurrentDirectory();

    /// <summary>Returns the full path.</summary>
    public string Full(string path) => Path.GetFullPath(path, _folder);
}
