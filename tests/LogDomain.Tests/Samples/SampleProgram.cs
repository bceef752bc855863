using System.Diagnostics;

namespace LogDomain.Tests.Samples;

/// <summary>A program under samples/, run as a process.</summary>
internal static class SampleProgram
{
    /// <summary>What a program writes about the repository that it is in, line by line.</summary>
    public static string[] OnRepository(string program) => Output(program, RepositoryRoot()).TrimEnd().Split('\n');

    /// <summary>What a program writes.</summary>
    public static string Output(string program, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd().ReplaceLineEndings("\n");
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LogDomain.slnx")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} has LogDomain.slnx.");
    }
}
