package wire

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"pgregory.net/rapid"
)

// descriptor builds Message.proto of the reference local proxy, the schema that this codec is written to by hand.
func descriptor(t testing.TB) protoreflect.MessageDescriptor {
	t.Helper()
	optional, repeated := descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL, descriptorpb.FieldDescriptorProto_LABEL_REPEATED
	field := func(name string, number int32, kind descriptorpb.FieldDescriptorProto_Type) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{Name: &name, Number: &number, Type: &kind, Label: &optional}
	}
	message := &descriptorpb.DescriptorProto{
		Name: proto.String("Message"),
		Field: []*descriptorpb.FieldDescriptorProto{
			field("type", 1, descriptorpb.FieldDescriptorProto_TYPE_ENUM),
			field("streamId", 2, descriptorpb.FieldDescriptorProto_TYPE_INT32),
			field("ignorable", 3, descriptorpb.FieldDescriptorProto_TYPE_BOOL),
			field("payload", 4, descriptorpb.FieldDescriptorProto_TYPE_BYTES),
			field("serviceId", 5, descriptorpb.FieldDescriptorProto_TYPE_STRING),
			field("availableServiceIds", 6, descriptorpb.FieldDescriptorProto_TYPE_STRING),
			field("connectionId", 7, descriptorpb.FieldDescriptorProto_TYPE_UINT32),
		},
		EnumType: []*descriptorpb.EnumDescriptorProto{{Name: proto.String("Type")}},
	}
	message.Field[0].TypeName = proto.String(".com.amazonaws.iot.securedtunneling.Message.Type")
	message.Field[5].Label = &repeated
	for number := Unknown; number <= ConnectionReset; number++ {
		message.EnumType[0].Value = append(message.EnumType[0].Value, &descriptorpb.EnumValueDescriptorProto{
			Name: proto.String(number.String()), Number: proto.Int32(int32(number)),
		})
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("Message.proto"), Package: proto.String("com.amazonaws.iot.securedtunneling"),
		Syntax: proto.String("proto3"), MessageType: []*descriptorpb.DescriptorProto{message},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file.Messages().ByName("Message")
}

// fromReflection reads the reference decoder's message into ours.
func fromReflection(m protoreflect.Message) Message {
	fields := m.Descriptor().Fields()
	get := func(number protoreflect.FieldNumber) protoreflect.Value { return m.Get(fields.ByNumber(number)) }
	out := Message{
		Type: Type(get(1).Enum()), StreamID: int32(get(2).Int()), Ignorable: get(3).Bool(), Payload: get(4).Bytes(),
		ServiceID: get(5).String(), ConnectionID: uint32(get(7).Uint()),
	}
	for list, i := get(6).List(), 0; i < list.Len(); i++ {
		out.AvailableServiceIDs = append(out.AvailableServiceIDs, list.Get(i).String())
	}
	return out
}

func sameMessage(a, b Message) bool {
	if len(a.AvailableServiceIDs) != len(b.AvailableServiceIDs) {
		return false
	}
	for i := range a.AvailableServiceIDs {
		if a.AvailableServiceIDs[i] != b.AvailableServiceIDs[i] {
			return false
		}
	}
	return a.Type == b.Type && a.StreamID == b.StreamID && a.Ignorable == b.Ignorable &&
		bytes.Equal(a.Payload, b.Payload) && a.ServiceID == b.ServiceID && a.ConnectionID == b.ConnectionID
}

func TestEncodingIsThatOfGoogleProtobuf(t *testing.T) {
	desc := descriptor(t)
	rapid.Check(t, func(t *rapid.T) {
		m := Message{
			Type:                Type(rapid.Int32().Draw(t, "type")),
			StreamID:            rapid.Int32().Draw(t, "stream"),
			Ignorable:           rapid.Bool().Draw(t, "ignorable"),
			Payload:             rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "payload"),
			ServiceID:           rapid.StringN(0, 40, 128).Draw(t, "service"),
			AvailableServiceIDs: rapid.SliceOfN(rapid.StringN(0, 10, 40), 0, 3).Draw(t, "services"),
			ConnectionID:        rapid.Uint32().Draw(t, "connection"),
		}
		frame, err := AppendFrame(nil, &m)
		if err != nil {
			t.Fatal(err)
		}
		theirs := dynamicpb.NewMessage(desc)
		if err := proto.Unmarshal(frame[2:], theirs); err != nil {
			t.Fatal(err)
		}
		if got := fromReflection(theirs); !sameMessage(got, m) {
			t.Fatalf("protobuf reads %+v, want %+v", got, m)
		}
		canonical, err := proto.MarshalOptions{Deterministic: true}.Marshal(theirs)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(canonical, frame[2:]) {
			t.Fatalf("protobuf writes % x, ours is % x", canonical, frame[2:])
		}
		var back Message
		if err := Decode(canonical, &back); err != nil || !sameMessage(back, m) {
			t.Fatalf("Decode = %+v, %v; want %+v", back, err, m)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, v := range vectors {
		f.Add(vectorBytes(f, v.hex)[2:])
	}
	f.Add([]byte{0x78, 0x05, 0x20, 0x07, 0x0b, 0x0c})
	desc := descriptor(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		var ours Message
		err := Decode(body, &ours)
		theirs := dynamicpb.NewMessage(desc)
		theirErr := proto.Unmarshal(body, theirs)
		if (err == nil) != (theirErr == nil) {
			t.Fatalf("Decode: %v, protobuf: %v", err, theirErr)
		}
		if err == nil && !sameMessage(ours, fromReflection(theirs)) {
			t.Fatalf("Decode = %+v, protobuf reads %+v", ours, fromReflection(theirs))
		}
	})
}
