using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace LogDomain.Tests.Reproducibility;

/// <summary>One hash for each operation over all that it has given for elements of one type.</summary>
internal sealed class NamedHashes<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Dictionary<string, IncrementalHash> _hashes = [];

    /// <summary>A line for each name, in the order in which they first came.</summary>
    public string[] Lines => [.. _hashes.Select(hash => $"{typeof(T).Name}, {hash.Key}: {Convert.ToHexString(hash.Value.GetCurrentHash())}")];

    public void Add(string name, params ReadOnlySpan<T> values) => Fingerprint.Append(Of(name), values);

    public void AddIndices(string name, ReadOnlySpan<int> values) => Of(name).AppendData(MemoryMarshal.AsBytes(values));

    public void AddDoubles(string name, ReadOnlySpan<double> values) => Of(name).AppendData(MemoryMarshal.AsBytes(values));

    private IncrementalHash Of(string name)
    {
        if (!_hashes.TryGetValue(name, out IncrementalHash? hash))
        {
            _hashes[name] = hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }

        return hash;
    }
}
