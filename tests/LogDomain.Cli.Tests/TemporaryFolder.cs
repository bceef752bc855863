using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace LogDomain.Cli.Tests;

/// <summary>A folder for the files of one test, and the means to write arrays as NumPy does.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("logdomain").FullName;

    public string this[string name] => Path.Combine(_path, name);

    public IEnumerable<string> Files => Directory.EnumerateFiles(_path).Select(file => Path.GetFileName(file));

    public string Text(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    public string Npy<T>(string name, string descr, string shape, ReadOnlySpan<T> values, bool fortran = false)
        where T : unmanaged
    {
        string header = $"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({shape}), }}";
        header = header.PadRight((((header.Length + 11) / 64) + 1) * 64 - 11) + "\n";
        byte[] prefix = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(prefix.AsSpan(8), (ushort)header.Length);
        File.WriteAllBytes(this[name], [.. prefix, .. Encoding.ASCII.GetBytes(header), .. MemoryMarshal.AsBytes(values)]);
        return this[name];
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
