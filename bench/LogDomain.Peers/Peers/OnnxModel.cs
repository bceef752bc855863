using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LogDomain.Peers.Peers;

/// <summary>
/// Writes ONNX models of one node, as the protobuf bytes that onnx.proto prescribes. A field is its number and wire type, then a
/// variable-length integer (type 0) or a length and that many bytes (type 2); a message is its fields in a row.
/// </summary>
internal static class OnnxModel
{
    public const string Input = "x";
    public const string Output = "y";

    private const int IrVersion = 8, OpsetVersion = 13;

    /// <summary>An operator along the last dimension of a matrix; one column of output makes it a reduction.</summary>
    public static byte[] AlongRows(string operation, TensorElementType type, Shape shape, int outputColumns)
    {
        // AttributeProto: 1 name, 3 i, 8 ints, 20 type (2: INT, 7: INTS)
        byte[] attribute = outputColumns == 1
            ? [.. Text(1, "axes"), .. Integer(8, 1), .. Integer(20, 7)]
            : [.. Text(1, "axis"), .. Integer(3, 1), .. Integer(20, 2)];

        // NodeProto: 1 input, 2 output, 4 op_type, 5 attribute
        byte[] node = [.. Text(1, Input), .. Text(2, Output), .. Text(4, operation), .. Bytes(5, attribute)];

        // GraphProto: 1 node, 2 name, 11 input, 12 output
        byte[] graph =
        [
            .. Bytes(1, node), .. Text(2, operation),
            .. Bytes(11, Matrix(Input, type, shape.Rows, shape.Columns)),
            .. Bytes(12, Matrix(Output, type, shape.Rows, outputColumns)),
        ];

        // ModelProto: 1 ir_version, 7 graph, 8 opset_import; OperatorSetIdProto: 1 domain, 2 version
        return [.. Integer(1, IrVersion), .. Bytes(7, graph), .. Bytes(8, [.. Text(1, ""), .. Integer(2, OpsetVersion)])];
    }

    /// <summary>An operator of opset 23 on arrays of four dimensions of any size, with the attribute <c>is_causal</c>.</summary>
    public static byte[] OfFourDimensions(string operation, bool isCausal, string[] inputs, string output)
    {
        byte[] attribute = [.. Text(1, "is_causal"), .. Integer(3, isCausal ? 1 : 0), .. Integer(20, 2)];
        byte[] node = [.. inputs.SelectMany(name => Text(1, name)), .. Text(2, output), .. Text(4, operation), .. Bytes(5, attribute)];

        // Dimension: 2 dim_param, a name in place of a number.
        byte[] graph =
        [
            .. Bytes(1, node), .. Text(2, operation),
            .. inputs.SelectMany(name => Bytes(11, Array(name, name))),
            .. Bytes(12, Array(output, output)),
        ];
        return [.. Integer(1, 10), .. Bytes(7, graph), .. Bytes(8, [.. Text(1, ""), .. Integer(2, 23)])];

        static byte[] Array(string name, string dimension)
        {
            byte[] shape = [.. Enumerable.Range(0, 4).SelectMany(i => Bytes(1, Text(2, $"{dimension}{i}")))];
            return [.. Text(1, name), .. Bytes(2, Bytes(1, [.. Integer(1, (int)TensorElementType.Float), .. Bytes(2, shape)]))];
        }
    }

    /// <summary>ValueInfoProto: 1 name, 2 type; TypeProto: 1 tensor; Tensor: 1 element type, 2 shape; its 1 dimension; its 1 value.</summary>
    private static byte[] Matrix(string name, TensorElementType type, int rows, int columns)
    {
        byte[] shape = [.. Bytes(1, Integer(1, rows)), .. Bytes(1, Integer(1, columns))];
        return [.. Text(1, name), .. Bytes(2, Bytes(1, [.. Integer(1, (int)type), .. Bytes(2, shape)]))];
    }

    private static byte[] Integer(int field, long value) => [.. Variable((ulong)field << 3), .. Variable((ulong)value)];

    private static byte[] Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(int field, byte[] bytes) => [.. Variable(((ulong)field << 3) | 2), .. Variable((ulong)bytes.Length), .. bytes];

    /// <summary>Seven bits to a byte, the lowest first; the top bit says that more follow.</summary>
    private static IEnumerable<byte> Variable(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
